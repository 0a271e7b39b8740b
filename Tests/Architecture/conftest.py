pytest_plugins = ["Harness.plugin"]
