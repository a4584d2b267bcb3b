@_exported public import CountersignMiddleware
