#!/bin/sh
# The pictures of the gallery, and those of algorithms, which are of their
# examples, are those that are drawn today.

. "${srcdir:-.}/tests/program.sh"
program_is distsys-trace

draws()  # PICTURE PROGRAM [ARG]...
{
    picture=$1
    shift
    DISTSYS_TRACE=$work/run "$@" >"$work/out" &&
        "$program" --svg="$work/picture" "$work/run" &&
        cmp "$work/picture" "$picture"
}

# The whole gallery, and no other ones.
every_picture_is_explained()
{
    (cd "$srcdir/doc/gallery" && ls ./*.svg) | sed 's,./,,' >"$work/there"
    sed -n 's/^\.Ss .*(\(.*\.svg\))$/\1/p' "$srcdir/doc/distsys-seeing.7" |
        LC_ALL=C sort >"$work/explained"
    [ -s "$work/there" ] && diff "$work/there" "$work/explained"
}

refuses_others()
{
    "$top_builddir/doc/gallery/runs" nothing 2>"$work/err"
    [ $? -eq 2 ] && grep -q '^usage: runs ring|' "$work/err"
}

for picture in "$srcdir"/doc/gallery/*.svg; do
    name=$(basename "$picture" .svg)
    check "$name is as it is drawn" draws "$picture" \
        "$top_builddir/doc/gallery/runs" "$name"
done
for picture in "$srcdir"/doc/algorithms/*.svg; do
    name=$(basename "$picture" .svg)
    check "$name is as its example is drawn" draws "$picture" \
        "$top_builddir/examples/$name"
    check "a page speaks of the picture of $name" \
        grep -q "algorithms/$name\.svg" "$srcdir"/doc/ds_*.3
done
for picture in "$srcdir"/doc/*/*.svg; do
    ! command -v xmllint >/dev/null ||
        check "$(basename "$picture") is XML" xmllint --noout "$picture"
done
check "the manual explains each picture" every_picture_is_explained
check "what is none is refused" refuses_others
done_checking
