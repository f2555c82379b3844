#!/usr/bin/env bash
# Turns the built web UI into assembly: embed.sh DIST OUTDIR writes OUTDIR/assets_gen.S and the
# gzipped files it includes. The table is laid out for struct ht_asset (node/api/assets.h). The
# same input gives the same bytes. Run, and assemble, from the checkout root: paths are relative.
set -euo pipefail
export LC_ALL=C

[ $# -eq 2 ] || { echo "usage: embed.sh DIST OUTDIR" >&2; exit 2; }
dist=$1 out=$2
[ -f "$dist/index.html" ] || { echo "embed.sh: $dist has no index.html; build the UI first" >&2; exit 1; }

content_type() {
    case $1 in
    *.html) echo 'text/html; charset=utf-8' ;;
    *.js | *.mjs) echo 'text/javascript; charset=utf-8' ;;
    *.css) echo 'text/css; charset=utf-8' ;;
    *.svg) echo 'image/svg+xml' ;;
    *.png) echo 'image/png' ;;
    *.ico) echo 'image/x-icon' ;;
    *.webp) echo 'image/webp' ;;
    *.woff2) echo 'font/woff2' ;;
    *.json | *.map) echo 'application/json' ;;
    *.webmanifest) echo 'application/manifest+json' ;;
    *.txt) echo 'text/plain; charset=utf-8' ;;
    *) echo 'application/octet-stream' ;;
    esac
}

rm -rf "$out/gz"
mkdir -p "$out/gz"
table='' blobs='' n=0
while IFS= read -r name; do
    case $name in *[!A-Za-z0-9._/-]*) echo "embed.sh: odd file name: $name" >&2; exit 1 ;; esac
    mkdir -p "$(dirname "$out/gz/$name")"
    gzip -9 -n -c "$dist/$name" >"$out/gz/$name.gz"
    immutable=0
    case $name in assets/*) immutable=1 ;; esac
    blobs+="
.Lpath$n: .asciz \"/$name\"
.Ltype$n: .asciz \"$(content_type "$name")\"
.Ldata$n: .incbin \"$out/gz/$name.gz\"
.Lend$n:"
    table+="
    .quad .Lpath$n, .Ltype$n, .Ldata$n, .Lend$n - .Ldata$n
    .byte $immutable
    .zero 7"
    n=$((n + 1))
done < <(cd "$dist" && find . -type f ! -name '*.map' -printf '%P\n' | sort)

cat >"$out/assets_gen.S.new" <<EOF
/* Made by web-ui/embed.sh; do not edit. */
    .section .rodata.ht_assets, "a", %progbits
$blobs

    .section .data.rel.ro.ht_assets, "aw", %progbits
    .balign 8
    .globl ht_assets
    .type ht_assets, %object
ht_assets:$table
    .zero 40
    .size ht_assets, . - ht_assets

    .section .note.GNU-stack, "", %progbits
EOF
mv "$out/assets_gen.S.new" "$out/assets_gen.S"
