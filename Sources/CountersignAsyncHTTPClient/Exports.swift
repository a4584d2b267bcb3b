@_exported public import CountersignNIO
