import Testing

@Suite struct PlaceholderHTTPServerTests {}
