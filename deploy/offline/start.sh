#!/bin/sh
# Finds a Python and starts kaohe with it: the one in this folder, or the newest that is installed and will do.
cd "$(dirname "$0")" || exit 1
for python in ./python/bin/python3 python3.14 python3.13 python3.12 python3.11 python3; do
  # One too old to read start.py, which says what is wanted, counts as none.
  if "$python" -c "import sys; sys.exit(sys.version_info < (3, 7))" 2>/dev/null; then
    exec "$python" start.py
  fi
done
cat no-python.txt
printf '按回车键关闭窗口。'
read -r _
