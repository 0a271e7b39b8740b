pytest_plugins = ["Harness.plugin", "pytester"]
