"""A copy of the tables to break: one edit each, and what the check says of it."""

import shutil

from shared.reference.tables import FOLDER

FILES = ("materials.csv", "material_codes.csv", "exemptions.csv", "exemption_inputs.csv")


class Tables:
    """The real tables, copied into a folder of the test's."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copytree(FOLDER / "code_tables", folder / "code_tables")
        for name in FILES:
            shutil.copy(FOLDER / name, folder / name)

    def edit(self, name, old, new):
        """Replace text that is there exactly once."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{text.count(old)} times in {name}: {old}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def edit_all(self, name, old, new):
        """Replace text that is there at least once."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def drop(self, name, begins):
        """Drop the one line that begins so."""
        self.edit(name, self.line(name, begins), "")

    def line(self, name, begins):
        """Return the one line that begins so."""
        lines = (self.folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
        (found,) = [line for line in lines if line.startswith(begins)]
        return found

    def add(self, name, line):
        """Add a line."""
        with (self.folder / name).open("a", encoding="utf-8") as table:
            table.write(line + "\n")
