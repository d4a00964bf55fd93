import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import OpenAIWire
import Primitives
import Verification
import WireFormat

/// A client of any OpenAI-compatible endpoint, as small as the command line needs it.
struct ChatClient {
    /// A long answer on a busy machine.
    private static let timeout = TimeAmount.minutes(20)

    /// For example `http://127.0.0.1:8080/v1`.
    let baseURL: String
    let key: String

    /// What is asked.
    struct Question {
        var text: String
        var model: String
        var maxTokens: UInt64
        /// Millionths.
        var temperature: UInt64?
        var seed: Int64?

        /// The body, byte for byte as it is sent and signed for.
        var body: Bytes {
            var object = JSONObject()
            object.append("model", .string(model))
            object.append("messages", [["role": "user", "content": .string(text)]])
            object.append("max_tokens", .number(maxTokens))
            if let temperature { object.append("temperature", .number(JSONNumber(Self.decimal(temperature)))) }
            if let seed { object.append("seed", .number(seed)) }
            object.append("stream", true)
            return JSONValue.object(object).encoded()
        }

        /// Whole units are enough on the command line.
        private static func decimal(_ millionths: UInt64) -> UInt64 { millionths / 1_000_000 }
    }

    /// Asks and hands over each piece of the answer as it comes.
    ///
    /// - Returns: the receipt file of the answer, without the opened item.
    func ask(_ question: Question, show: (String) -> Void) async throws -> ReceiptFile {
        let body = question.body
        var request = HTTPClientRequest(url: baseURL + "/chat/completions")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "authorization", value: "Bearer \(key)")
        request.body = .bytes(ByteBuffer(bytes: body))
        let response: HTTPClientResponse
        do {
            response = try await HTTPClient.shared.execute(request, timeout: Self.timeout)
        } catch {
            throw OperatorError("no gateway answers at \(baseURL); start one with `gonka devnet`.")
        }
        guard response.status == .ok else { throw try await refusal(response) }
        var parser = SSEParser()
        var answer = ""
        var gonka: JSONValue?
        do {
            for try await buffer in response.body {
                for event in try parser.consume(Bytes(buffer: buffer)) {
                    switch try ChatCompletionEvent.parse(event) {
                    case .failed(let error): throw OperatorError("the answer broke off: \(error.message)")
                    case .done: break
                    case .chunk(let chunk):
                        for text in chunk.choices.compactMap(\.content) where !text.isEmpty {
                            answer += text
                            show(text)
                        }
                        gonka = chunk.gonka ?? gonka
                    }
                }
            }
        } catch let error as OperatorError {
            throw error
        } catch {
            throw OperatorError("the answer broke off: the connection to \(baseURL) was lost; ask again.")
        }
        guard let gonka else { throw OperatorError("the answer came without a receipt.") }
        return try ReceiptFile(gonka: gonka, request: body, answer: answer)
    }

    private func refusal(_ response: HTTPClientResponse) async throws -> OperatorError {
        let body = Bytes(buffer: try await response.body.collect(upTo: 1 << 20))
        let message = (try? JSONParser.parse(body)).flatMap { OpenAIError.parse($0)?.message }
        return OperatorError("the gateway refused with status \(response.status.code): \(message ?? "no reason given")")
    }
}
