#!/bin/sh
# The manual pages are well formed, and every function has one.

. "${srcdir:-.}/tests/shell.sh"

is_clean()  # PAGE
{
    said=$(mandoc -T lint -W warning "$1" 2>&1)
    [ -z "$said" ] || { echo "$said" && return 1; }
}

# The names that a page is installed under.
names()  # PAGE...
{
    for page; do
        sed -n -e '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([a-z_0-9]*\).*/\1/p' "$page"
    done | LC_ALL=C sort
}

every_name_is_in_one_page()
{
    declared "$srcdir"/include/distsys/*.h >"$work/declared"
    names "$srcdir"/doc/*.3 >"$work/documented"
    [ -s "$work/declared" ] && diff -u "$work/declared" "$work/documented"
}

# Pages and names with their sections, and those of ours that are referred to.
every_reference_leads_somewhere()
{
    for page in "$srcdir"/doc/*.[1-9]; do
        section=${page##*.}
        basename "$page" ".$section" | sed "s/$/ $section/"
        names "$page" | sed "s/$/ $section/"
    done | LC_ALL=C sort -u >"$work/there"
    sed -n 's/^\.Xr \(\(ds_\|distsys\)[^ ]* [1-9]\).*/\1/p' \
        "$srcdir"/doc/*.[1-9] | LC_ALL=C sort -u >"$work/wanted"
    [ -s "$work/wanted" ] && ! LC_ALL=C comm -13 "$work/there" \
        "$work/wanted" | grep .
}

every_page_is_found()
{
    for page in "$srcdir"/doc/*.[1-9]; do
        section=${page##*.}
        name=$(basename "$page" ".$section")
        [ "$name.$section" = distsys.7 ] ||
            grep -q "^\.Xr $name $section" "$srcdir/doc/distsys.7" ||
            { echo "$name($section) is not in distsys(7)" && return 1; }
    done
}

# A backslash that is shown is written \\e, or it takes the next character away.
displays_show_backslashes()  # PAGE...
{
    awk 'FNR == 1 || /^\.Ed/ { display = 0 }
        display && !/^\./ {
            text = $0
            gsub(/\\[e&]/, "", text)
            if (text ~ /\\/) {
                print FILENAME ": " $0
                bad = 1
            }
        }
        /^\.Bd/ { display = 1 }
        END { exit bad }' "$@"
}

# Each of these quotes all that is behind it on its line, the next one too.
quotes_do_not_nest()  # PAGE...
{
    ! grep -nE '^\..*\<(Ql|Sq|Dq|Qq) .*\<(Ql|Sq|Dq|Qq)\>' "$@"
}

notices()  # CHECK LINE...
{
    what=$1
    shift
    printf '%s\n' "$@" >"$work/page"
    ! "$what" "$work/page" >/dev/null
}

for page in "$srcdir"/doc/*.[1-9]; do
    fact="doc/${page##*/} has nothing that mandoc warns of"
    if command -v mandoc >/dev/null; then
        check "$fact" is_clean "$page"
    else
        skip "$fact" "there is no mandoc"
    fi
done
check "displays show their backslashes" \
    displays_show_backslashes "$srcdir"/doc/*.[1-9]
check "a backslash that would not be shown is noticed" \
    notices displays_show_backslashes '.Bd -literal' 'a \.e\&' .Ed
check "no quotation is in another one" \
    quotes_do_not_nest "$srcdir"/doc/*.[1-9]
check "a quotation in another one is noticed" \
    notices quotes_do_not_nest '.It Ql a , Ql b'
check "every public name is in one page of section 3" every_name_is_in_one_page
check "every reference leads to a page or a name" every_reference_leads_somewhere
check "distsys(7) refers to every page" every_page_is_found
done_checking
