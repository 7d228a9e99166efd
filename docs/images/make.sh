#!/usr/bin/env bash
# Makes the pictures of the documentation: those of the page, from a browser at the sample's import, and those of the
# result sheet, from the sheet that the same import writes. `make.sh page` makes those of the page alone.
# Needs Chromium and a Chinese font; for the result sheet LibreOffice, poppler's pdftoppm, python3 with openpyxl and
# pillow too.
set -euo pipefail
cd "$(dirname "$0")/../.."

FERRY_DOC_PICTURES="$PWD/docs/images" cargo test --quiet --test main page::browser::the_pictures_of_the_documentation
[ "${1:-}" != page ] || exit 0

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp samples/customers.xlsx "$folder/customers.xlsx"
for lang in en zh; do
  cargo run --quiet -- import "$folder/customers.xlsx" --sandbox --lang "$lang" --state-dir "$folder/state-$lang" -o "$folder/sheet.xlsx" --quiet || [ $? = 4 ]
  # A page holds few columns: those of the story stay, and of the rows two wrong ones among their neighbours.
  python3 - "$folder/sheet.xlsx" "$folder/page.xlsx" <<'PY'
import sys
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
book = load_workbook(sys.argv[1])
sheet = book.worksheets[0]
for other in book.worksheets[1:]:
    other.sheet_state = "hidden"
# Neighbours of one width are one entry in the file.
for column in list(sheet.column_dimensions.values()):
    for number in range(column.min + 1, (column.max or column.min) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
shown = {"_result", "_结果", "_id", "_error", "客户名称*", "手机", "客户来源"}
for cell in sheet[1]:
    column = sheet.column_dimensions[get_column_letter(cell.column)]
    column.min = column.max = cell.column
    column.hidden = cell.value not in shown
for row in range(2, sheet.max_row + 1):
    if not 12 <= row <= 21:
        sheet.row_dimensions[row].hidden = True
sheet.sheet_properties.pageSetUpPr.fitToPage = True
sheet.page_setup.orientation = "landscape"
sheet.oddFooter.left.text = sheet.oddFooter.right.text = None
sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
book.save(sys.argv[2])
PY
  soffice --headless --convert-to pdf --outdir "$folder" "$folder/page.xlsx" >/dev/null 2>&1
  pdftoppm -r 150 -f 1 -l 1 -png "$folder/page.pdf" "$folder/page"
  python3 - "$folder"/page-*.png "docs/images/result-$lang.png" <<'PY'
import sys
from PIL import Image, ImageChops, ImageOps
page = Image.open(sys.argv[1]).convert("RGB")
box = ImageChops.difference(page, Image.new("RGB", page.size, "white")).getbbox()
picture = ImageOps.expand(page.crop(box), border=12, fill="white")
picture.quantize(colors=64).save(sys.argv[2], optimize=True)
PY
  rm -f "$folder"/page-*.png
done
