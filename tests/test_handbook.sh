#!/bin/sh
# The handbook: every page is in it and in its index, every link leads
# somewhere, and whatever the manual calls by a name of its own is a link.

. "${srcdir:-.}/tests/shell.sh"

html=$work/html

makes()
{
    sh "$srcdir/doc/handbook.sh" "$srcdir" "$html"
}

is_in_index()  # PAGE
{
    [ -s "$html/$1.html" ] && grep -q "href=\"$1.html\"" "$html/index.html"
}

# Outside links, and those within a page, are somebody else's affair.
links_resolve()
{
    for file in "$html"/*.html; do
        grep -oE '(href|src)="[^"#]+' "$file" | sed 's/.*="//' | sort -u |
            grep -v '^https:' | while read -r link; do
            [ -e "$html/$link" ] || echo "$file: $link"
        done
    done >"$work/broken"
    cat "$work/broken"
    ! [ -s "$work/broken" ]
}

# Of a page that refers to functions by names that are not those of pages.
names_are_links()
{
    grep -q '<a class="Xr" href="ds_loop.3.html">ds_loop_run(3)</a>' \
        "$html/distsys.7.html" &&
        ! grep -q 'class="Xr">ds_' "$html"/*.html
}

names_of_the_system_are_none()
{
    grep -q '<span class="Xr">pkg-config(1)</span>' "$html/distsys.7.html"
}

has_all_functions()
{
    sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \(ds_[a-z_0-9]*\).*/\1/p' \
        "$srcdir"/doc/*.3 | while read -r name; do
        grep -q ">$name</a>" "$html/index.html" || echo "$name"
    done >"$work/missing"
    cat "$work/missing"
    ! [ -s "$work/missing" ]
}

pictures_are_shown()
{
    for picture in "$html"/*.svg; do
        grep -q "src=\"${picture##*/}\"" "$html/index.html" ||
            echo "${picture##*/}"
    done >"$work/missing"
    # Two of the worlds are shown on their page alone.
    grep -v '^world-' "$work/missing" && return 1
    return 0
}

if ! command -v mandoc >/dev/null 2>&1; then
    skip "the handbook" "there is no mandoc"
    done_checking
fi
check "the handbook is made" makes
for page in "$srcdir"/doc/*.[1-9]; do
    page=${page##*/}
    check "$page is in it" is_in_index "$page"
done
check "every link leads somewhere" links_resolve
check "every name of the library is a link" names_are_links
check "names of the system's manual are none" names_of_the_system_are_none
check "the index has all functions" has_all_functions
check "the index shows all pictures" pictures_are_shown
done_checking
