import ArgumentParser
import CountersignRuntime

/// The options that name an authority.
struct CACommandNames: ParsableArguments {
    @Option(help: "The authority's name (CN).")
    var name: String?

    @Option(name: .customLong("org"), help: "The organization (O).")
    var organization: String?

    @Option(help: "The country (C), two letters.")
    var country: String?

    /// The names, with a common name for an authority that was given none.
    func names(default name: String) -> CeremonyNames {
        CeremonyNames(commonName: self.name ?? name, organization: self.organization, country: self.country)
    }
}
