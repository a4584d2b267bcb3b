import CountersignStore
import Testing

@Suite struct SQLiteStoreConformanceTests {
    @Test(arguments: InventoryStoreConformance.all)
    func `keeps the contract`(_ conformance: InventoryStoreConformance) throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        try conformance.run(store)
        #expect(try store.verifyLog())
        store.close()
    }

    @Test(arguments: InventoryStoreConformance.all)
    func `keeps the contract while serial numbers go to their index`(_ conformance: InventoryStoreConformance) throws {
        let folder = try StoreFolder()
        let store = try folder.open { options in
            options.indexBatch = 3
            options.groupLimit = 5
        }
        try conformance.run(store)
        store.close()
    }

    @Test(arguments: InventoryStoreConformance.all)
    func `a database made again from the log alone is the same`(_ conformance: InventoryStoreConformance) throws {
        let folder = try StoreFolder()
        let store = try folder.open()
        try conformance.run(store)
        store.close()
        let before = try Contents(of: folder)

        let rebuilt = try StoreFolder()
        StoreFolder.write(try #require(StoreFolder.bytes(folder.log)), to: rebuilt.log)
        let second = try rebuilt.open()
        if case .needsReconciliation = second.condition {
            _ = try second.reconcile()
        }
        second.close()
        let after = try Contents(of: rebuilt)
        #expect(after.withoutReconciliation == before)
    }
}
