#!/bin/sh
# The manual pages are well formed, and every function has one.

. "${srcdir:-.}/tests/shell.sh"

is_clean()  # PAGE
{
    said=$(mandoc -T lint -W warning "$1" 2>&1)
    [ -z "$said" ] || { echo "$said" && return 1; }
}

every_name_is_in_a_page()
{
    missing=0
    for name in $(declared "$srcdir"/include/distsys/*.h); do
        grep -qwE "^\.(Nm|F[no]|V[at]|Ft) .*$name|^\.(Nm|F[no]) $name" \
            "$srcdir"/doc/*.3 && continue
        echo "$name is in none" && missing=1
    done
    return $missing
}

for page in "$srcdir"/doc/*.[1-9]; do
    fact="doc/${page##*/} has nothing that mandoc warns of"
    if command -v mandoc >/dev/null; then
        check "$fact" is_clean "$page"
    else
        skip "$fact" "there is no mandoc"
    fi
done
check "every function is in a page of section 3" every_name_is_in_a_page
done_checking
