import Testing

@Suite struct PlaceholderAuthorityTests {}
