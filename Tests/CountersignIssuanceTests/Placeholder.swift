import Testing

@Suite struct PlaceholderIssuanceTests {}
