@echo off
rem ASCII only: the command line of a Chinese Windows reads files in GBK, and this one must work in both.
setlocal
cd /d "%~dp0"
set PYTHONUTF8=1
title kaohe
if exist "python\python.exe" (
  "python\python.exe" start.py
  goto :eof
)
for %%v in (3.14 3.13 3.12 3.11) do (
  py -%%v -c "" >nul 2>nul && (
    py -%%v start.py
    goto :eof
  )
)
rem One too old to read start.py, which says what is wanted, counts as none.
python -c "import sys; sys.exit(sys.version_info < (3, 7))" >nul 2>nul && (
  python start.py
  goto :eof
)
start "" notepad "no-python.txt"
