#!/bin/sh
# doc/handbook.sh SOURCE FOLDER: makes the manual a handbook to read in a
# browser, with an index, and the pictures of the gallery; wants mandoc.
#
# Every name that a page has leads to that page.  A name of the system's own
# manual leads nowhere, since nobody knows where that is.

set -eu
source=$1
out=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$out"
cp "$source/doc/handbook.css" "$out"
for picture in "$source"/doc/*.svg "$source"/doc/gallery/*.svg \
    "$source"/doc/algorithms/*.svg; do
    cp "$picture" "$out"
done

# ---- The pages ---------------------------------------------------------------

# "NAME.SECTION PAGE.SECTION" for each name that a page has, and for the page.
for page in "$source"/doc/*.[1-9]; do
    file=${page##*/}
    echo "$file $file"
    sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([a-z_0-9-]*\).*/\1/p' "$page" |
        sed "s/\$/.${file##*.} $file/"
done | LC_ALL=C sort -u >"$work/names"

# Its links lead to where the names are, or are none.
resolve()
{
    awk -v names="$work/names" '
        BEGIN {
            while ((getline line < names) > 0) {
                split(line, word, " ")
                page[word[1]] = word[2] ".html"
            }
        }
        {
            rest = $0
            done = ""
            while (match(rest, /<a class="Xr"[^>]*href="[^"]*">[^<]*<\/a>/)) {
                link = substr(rest, RSTART, RLENGTH)
                done = done substr(rest, 1, RSTART - 1)
                rest = substr(rest, RSTART + RLENGTH)
                name = link
                sub(/.*href="/, "", name)
                sub(/\.html".*/, "", name)
                text = link
                sub(/^[^>]*>/, "", text)
                sub(/<\/a>$/, "", text)
                if (name in page)
                    link = "<a class=\"Xr\" href=\"" page[name] "\">" text "</a>"
                else
                    link = "<span class=\"Xr\">" text "</span>"
                done = done link
            }
            print done rest
        }'
}

# A link that mandoc has broken over two lines is put on one first.
for page in "$source"/doc/*.[1-9]; do
    mandoc -T html -O style=handbook.css,man=%N.%S.html "$page" |
        sed -e ':join' -e '/<a class="Xr"[^>]*$/{N;s/\n */ /;bjoin' -e '}' \
            -e 's|^<body>|&<nav><a href="index.html">dist-sys</a></nav>|' |
        resolve >"$out/${page##*/}.html"
done

# ---- The index ---------------------------------------------------------------

escape()
{
    sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g'
}

link_to()  # PAGE
{
    echo "<a href=\"$1.html\">${1%.*}(${1##*.})</a>"
}

# What a page is about, in its own words.
about()  # PAGE
{
    sed -n 's/^\.Nd //p' "$source/doc/$1" | escape
}

list_pages()  # PAGE...
{
    echo "<dl>"
    for file; do
        echo "<dt>$(link_to "$file")</dt><dd>$(about "$file")</dd>"
    done
    echo "</dl>"
}

pages_of()  # SECTION
{
    for page in "$source"/doc/*."$1"; do
        echo "${page##*/}"
    done
}

picture()  # NAME PAGE TEXT
{
    echo "<figure><a href=\"$1.svg\"><img src=\"$1.svg\" alt=\"\"/></a>"
    echo "<figcaption>$3: $(link_to "$2")</figcaption></figure>"
}

index()
{
    cat <<'END'
<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8"/>
  <meta name="viewport" content="width=device-width, initial-scale=1.0"/>
  <link rel="stylesheet" href="handbook.css" type="text/css"/>
  <title>dist-sys</title>
</head>
<body>
<h1>dist-sys</h1>
<p>A C library, and programs, to play with distributed systems without a
cluster.  Each simulated machine runs ordinary blocking code on a thread or a
fiber; time is virtual; a network decides when messages arrive; machines, links,
disks and clocks fail when they are told to.  The same program with the same seed
does the same, always and everywhere.</p>
<h2>Where to begin</h2>
END
    list_pages distsys-tutorial.7 distsys.7 distsys-testing.7 distsys-seeing.7 \
        distsys-topologies.7 distsys-choosing.7 distsys-algorithms.7 \
        distsys-mpi-tutorial.7
    echo "<h2>Gallery</h2><div class=\"gallery\">"
    picture ring distsys-seeing.7 "A ring, in which everyone is busy"
    picture slow distsys-seeing.7 "One machine is slow, and all wait for it"
    picture lump distsys-choosing.7 "Messages that share a port"
    picture partition distsys-testing.7 "A network in two parts"
    picture deadlock distsys-seeing.7 "Who waits for whom"
    picture allreduce distsys-choosing.7 "Which allreduce is the fastest"
    picture world-torus distsys-topologies.7 "A torus"
    picture world-fattree distsys-topologies.7 "A fat tree"
    for drawing in "$source"/doc/algorithms/*.svg; do
        name=$(basename "$drawing" .svg)
        page=$(sed -n "s/^ds_$name\.3 //p" "$work/names")
        picture "$name" "${page:-distsys-algorithms.7}" \
            "$(about "${page:-distsys-algorithms.7}")"
    done
    echo "</div><h2>Programs</h2>"
    list_pages $(pages_of 1)
    echo "<h2>The library</h2>"
    list_pages $(pages_of 3)
    echo "<h2>Formats, and what else there is to know</h2>"
    list_pages $(pages_of 5) $(pages_of 7)
    echo "<h2>Every function</h2><p class=\"all\">"
    sed -n 's/^\(ds_[a-z_0-9]*\)\.3 \(.*\)/<a href="\2.html">\1<\/a>/p' \
        "$work/names"
    echo "</p></body></html>"
}

index >"$out/index.html"
