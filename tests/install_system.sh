#!/bin/sh
# Makes sure that the tests have a browser, a Chinese font, PostgreSQL's server programs and a C compiler.
# With the word "papers" also what turns office files into paper: LibreOffice, and the programs that read PDFs.
# With the word "proxy" also nginx and curl.
# With the word "webkit" also WebKit with its driver, and a screen that is none.
# Installs them where it can (root on Debian or Ubuntu) and otherwise names what is missing and stops.
set -eu

missing=""
command -v chromium-headless-shell >/dev/null 2>&1 || command -v chromium >/dev/null 2>&1 ||
    command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium"
fc-list :lang=zh 2>/dev/null | grep -q . || missing="$missing fonts-noto-cjk"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v cc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
command -v fc-list >/dev/null 2>&1 || missing="$missing fontconfig"
if [ "${1:-}" = papers ]; then
    command -v pdftotext >/dev/null 2>&1 || missing="$missing poppler-utils"
    ls /usr/lib*/libreoffice/program/libsclo.so >/dev/null 2>&1 || missing="$missing libreoffice-calc-nogui"
    ls /usr/lib*/libreoffice/program/libswlo.so >/dev/null 2>&1 || missing="$missing libreoffice-writer-nogui"
    # Twins of Arial and Times New Roman, which the files name beside the Chinese fonts.
    fc-list 2>/dev/null | grep -q "Liberation Sans" || missing="$missing fonts-liberation"
fi
if [ "${1:-}" = proxy ]; then
    command -v nginx >/dev/null 2>&1 || command -v /usr/sbin/nginx >/dev/null 2>&1 || missing="$missing nginx-light"
    command -v curl >/dev/null 2>&1 || missing="$missing curl"
fi
if [ "${1:-}" = webkit ]; then
    command -v WebKitWebDriver >/dev/null 2>&1 || missing="$missing webkit2gtk-driver"
    command -v Xvfb >/dev/null 2>&1 || missing="$missing xvfb"
fi

[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing for the tests:$missing"
    apt-get update -qq
    # The engine without the program around it, where it is to be had: it starts sooner and takes less of the processor.
    ! apt-cache show chromium-headless-shell >/dev/null 2>&1 ||
        missing=$(printf %s "$missing" | sed 's/chromium$/chromium-headless-shell/; s/chromium /chromium-headless-shell /')
    # shellcheck disable=SC2086 # a list of package names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "The tests need$missing. Please install them with your system's package tool and run again." >&2
    exit 1
fi
