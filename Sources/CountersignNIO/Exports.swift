@_exported public import CountersignService
