@_exported public import CountersignAudit
@_exported public import CountersignMiddleware
