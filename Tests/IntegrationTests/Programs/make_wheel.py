"""Makes a tiny Python package as a wheel: make_wheel.py DIRECTORY NAME VERSION."""

import sys
import zipfile

directory, name, version = sys.argv[1:]
info = f"{name}-{version}.dist-info"
files = {
    f"{name}.py": f'VERSION = "{version}"\n',
    f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: weft\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}
record = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
with zipfile.ZipFile(f"{directory}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    for file, text in {**files, f"{info}/RECORD": record}.items():
        wheel.writestr(file, text)
