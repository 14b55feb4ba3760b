import PenstockCheckpoints
import PenstockCompute

/// A head that makes a readout of a decoder's last hidden states.
struct DecoderHead: Sendable {
    /// `[width, E]`; nil if hidden states are the readout.
    var output: Linear?
    /// Results x become cap·tanh(x / cap); nil for no cap.
    var softcap: Float?

    /// The readout of some rows, valid until the next call.
    func forward(_ input: Matrix, on cpu: CPU, _ buffers: DecoderBuffers) -> Matrix {
        guard let output else { return input }
        let readout = buffers.readout.rows(0..<input.rows).columns(0..<output.outputs)
        cpu.linear(input, output, into: readout)
        if let softcap { cpu.softcap(readout, at: softcap) }
        return readout
    }
}
