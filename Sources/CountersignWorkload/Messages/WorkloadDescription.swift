package import CountersignProtobuf

/// What the Workload API says of itself to those who ask (SPIFFE Workload Endpoint section 7).
package enum WorkloadDescription {
    /// The file of the API and the one that it imports.
    package static let files = [workload, structure]

    private typealias Message = ProtobufFileDescription.Message
    private typealias Field = ProtobufFileDescription.Field
    private typealias Method = ProtobufFileDescription.Method

    private static let workload: ProtobufFileDescription = {
        var file = ProtobufFileDescription(name: "workload.proto")
        file.dependencies = [structure.name]
        file.messages = x509Messages + tokenMessages
        file.services = [
            .init(
                "SpiffeWorkloadAPI",
                [
                    Method("FetchX509SVID", ".X509SVIDRequest", ".X509SVIDResponse", isStream: true),
                    Method("FetchX509Bundles", ".X509BundlesRequest", ".X509BundlesResponse", isStream: true),
                    Method("FetchJWTSVID", ".JWTSVIDRequest", ".JWTSVIDResponse"),
                    Method("FetchJWTBundles", ".JWTBundlesRequest", ".JWTBundlesResponse", isStream: true),
                    Method("ValidateJWTSVID", ".ValidateJWTSVIDRequest", ".ValidateJWTSVIDResponse"),
                ]
            )
        ]
        return file
    }()

    private static let x509Messages = [
        Message("X509SVIDRequest"),
        Message(
            "X509SVIDResponse",
            [
                Field("svids", 1, .message(".X509SVID"), isRepeated: true),
                Field("crl", 2, .bytes, isRepeated: true),
                Field("federated_bundles", 3, .map(.bytes)),
            ]
        ),
        Message(
            "X509SVID",
            [
                Field("spiffe_id", 1, .string), Field("x509_svid", 2, .bytes), Field("x509_svid_key", 3, .bytes),
                Field("bundle", 4, .bytes), Field("hint", 5, .string),
            ]
        ),
        Message("X509BundlesRequest"),
        Message(
            "X509BundlesResponse",
            [Field("crl", 1, .bytes, isRepeated: true), Field("bundles", 2, .map(.bytes))]
        ),
    ]

    private static let tokenMessages = [
        Message(
            "JWTSVIDRequest",
            [Field("audience", 1, .string, isRepeated: true), Field("spiffe_id", 2, .string)]
        ),
        Message("JWTSVIDResponse", [Field("svids", 1, .message(".JWTSVID"), isRepeated: true)]),
        Message(
            "JWTSVID",
            [Field("spiffe_id", 1, .string), Field("svid", 2, .string), Field("hint", 3, .string)]
        ),
        Message("JWTBundlesRequest"),
        Message("JWTBundlesResponse", [Field("bundles", 1, .map(.bytes))]),
        Message("ValidateJWTSVIDRequest", [Field("audience", 1, .string), Field("svid", 2, .string)]),
        Message(
            "ValidateJWTSVIDResponse",
            [Field("spiffe_id", 1, .string), Field("claims", 2, .message(".google.protobuf.Struct"))]
        ),
    ]

    private static let structure: ProtobufFileDescription = {
        var file = ProtobufFileDescription(name: "google/protobuf/struct.proto")
        file.package = "google.protobuf"
        file.messages = [
            Message("Struct", [Field("fields", 1, .map(.message(".google.protobuf.Value")))]),
            Message(
                "Value",
                [
                    Field("null_value", 1, .enumeration(".google.protobuf.NullValue")),
                    Field("number_value", 2, .double), Field("string_value", 3, .string),
                    Field("bool_value", 4, .bool),
                    Field("struct_value", 5, .message(".google.protobuf.Struct")),
                    Field("list_value", 6, .message(".google.protobuf.ListValue")),
                ],
                oneof: "kind"
            ),
            Message("ListValue", [Field("values", 1, .message(".google.protobuf.Value"), isRepeated: true)]),
        ]
        file.enumerations = [.init("NullValue", ["NULL_VALUE"])]
        return file
    }()
}
