#!/bin/sh
# embed.sh FOLDER
#
# Prints page.html of the folder, with the files that it includes, as two arrays
# of C: what comes before the data, and what comes behind it.

set -eu
folder=$1

whole()
{
    awk -v folder="$folder" '
        /^@include / {
            n = 0
            while ((got = (getline line < (folder "/" $2))) > 0) {
                print line
                n++
            }
            if (got < 0 || n == 0) {
                print "embed.sh: cannot read " $2 >"/dev/stderr"
                exit 1
            }
            next
        }
        { print }' "$folder/page.html"
}

array()  # NAME
{
    echo "static const unsigned char $1[] = {"
    od -An -v -tu1 | sed 's/ *\([0-9][0-9]*\)/\1,/g'
    echo "};"
}

page=$(whole)
printf '%s\n' "$page" | sed '/^@data$/,$d' | array page_head
printf '%s\n' "$page" | sed '1,/^@data$/d' | array page_tail
