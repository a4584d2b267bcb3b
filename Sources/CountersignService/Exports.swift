@_exported public import CountersignIdentity
@_exported public import CountersignPKI
