import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTestSupport
import Testing

@Suite struct LoaderTests {
    /// Neither the loader's threads nor its memory outlive the loading.
    @Test(arguments: Precision.allCases) func nothingOfTheLoaderIsLeft(precision: Precision) throws {
        weak var loader: CPU?
        var model: (any Model)?
        do {
            let cpu = makeCPU(threads: 2)
            loader = cpu
            model = try ModelRegistry.load(
                try Checkpoint(directory: Fixtures.checkpoint("bert-tiny")), readouts: [.vocabularyLogits],
                for: LoadTarget(ComputeTurns(cpu), precision: precision))
        }
        #expect(model != nil && loader == nil)
    }
}
