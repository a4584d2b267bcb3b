import CountersignConfiguration

/// Loads `yaml` as the file `test.yaml` beside the test PEM files.
func load(
    _ yaml: String,
    environment: [String: String] = [:],
    role: ConfigurationRole? = nil,
    permissions: UInt32 = 0o600
) -> LoadResult {
    var files = MemoryFileReader.pki
    files["test.yaml"] = MemoryFileReader.text(yaml, permissions)
    let loader = ConfigurationLoader(environment: environment, fileReader: MemoryFileReader(files: files))
    return loader.load(path: "test.yaml", role: role)
}

/// The problems of `yaml`, one line each.
func problems(_ yaml: String, environment: [String: String] = [:], permissions: UInt32 = 0o600) -> [String] {
    load(yaml, environment: environment, permissions: permissions).problems.map(\.description)
}

/// The warnings of `yaml`, one line each.
func warnings(_ yaml: String, environment: [String: String] = [:]) -> [String] {
    load(yaml, environment: environment).warnings.map(\.description)
}
