import PenstockCompute

/// A head, which turns hidden states into a readout: output(norm(act(transform(x)))), of which each part may be
/// missing.
///
/// A pooler is a transform alone, a token classifier an output alone, a masked-language-model head all of it.
struct EncoderHead: Sendable {
    /// `[D, H]`
    var transform: Linear?
    var activation = Activation.none
    var norm: LayerNorm?
    /// `[width, D]`
    var output: Linear?

    /// True if it reads the mean of a sequence's hidden states, and not the row that stands for the sequence.
    var readsMean = false

    /// Hidden states are the readout, which is there as a whole.
    var isIdentity: Bool { transform == nil && norm == nil && output == nil }

    /// The numbers of a row that the output makes; 0 if there is none, and rows are as long as hidden states.
    var width: Int { output?.outputs ?? 0 }

    /// The readout of some rows of hidden states, valid until the next call.
    func forward(_ input: Matrix, on cpu: CPU, _ buffers: EncoderBuffers) -> Matrix {
        var hidden = input
        if let transform {
            hidden = buffers.headHidden.rows(0..<input.rows).columns(0..<transform.outputs)
            cpu.linear(input, transform, activation: activation, into: hidden)
        }
        if let norm { cpu.layerNorm(hidden, norm, into: hidden) }
        guard let output else { return hidden }
        let readout = buffers.headOutput.rows(0..<input.rows).columns(0..<output.outputs)
        cpu.linear(hidden, output, into: readout)
        return readout
    }
}
