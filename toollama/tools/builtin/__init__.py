"""The Python tools, one file each; every module is named after its tool and offers it as `TOOL`."""
