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
        sed -n -e '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([a-z_]*\).*/\1/p' "$page"
    done | LC_ALL=C sort
}

every_name_is_in_one_page()
{
    declared "$srcdir"/include/distsys/*.h >"$work/declared"
    names "$srcdir"/doc/*.3 >"$work/documented"
    [ -s "$work/declared" ] && diff -u "$work/declared" "$work/documented"
}

for page in "$srcdir"/doc/*.[1-9]; do
    fact="doc/${page##*/} has nothing that mandoc warns of"
    if command -v mandoc >/dev/null; then
        check "$fact" is_clean "$page"
    else
        skip "$fact" "there is no mandoc"
    fi
done
check "every public name is in one page of section 3" every_name_is_in_one_page
done_checking
