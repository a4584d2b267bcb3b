@_exported public import CountersignMiddleware
@_exported public import CountersignNIO
