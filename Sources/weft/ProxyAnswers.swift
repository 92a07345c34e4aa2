import ArgumentParser
import MeshModel

/// What proxies answered to one question.
struct ProxyAnswers<Answer> {
  let answers: [(proxy: String, answer: Answer)]
  /// Why others did not; nil where all did. For the end of a command: one proxy that is gone must not hide what others carry.
  let failure: CommandFailure?
}

extension ProxyOptions {
  /// Asks each proxy. Throws why not where none of them answers.
  func ask<Answer: Decodable>(_ question: AdminRequest, as type: Answer.Type) throws(CommandFailure)
    -> ProxyAnswers<Answer>
  {
    var answers: [(proxy: String, answer: Answer)] = []
    var failures: [CommandFailure] = []
    for proxy in try proxies() {
      do throws(CommandFailure) {
        answers.append((proxy.name, try proxy.client.get(question, as: type)))
      } catch {
        failures.append(error)
      }
    }
    let failure = CommandFailure(failures)
    if let failure, answers.isEmpty { throw failure }
    return ProxyAnswers(answers: answers, failure: failure)
  }
}

/// How many of its connections each proxy tells.
struct LimitOption: ParsableArguments {
  @Option(help: ArgumentHelp("The most to list of each proxy, up to \(AdminRequest.maxLimit).", valueName: "count"))
  var limit = AdminRequest.defaultLimit

  func validate() throws {
    guard (1...AdminRequest.maxLimit).contains(limit) else {
      throw ValidationError("--limit \(limit) is not from 1 to \(AdminRequest.maxLimit)")
    }
  }

  /// Says that a proxy has more than it told.
  static func warn(_ proxy: String, toldOnly count: Int) {
    StandardError.write("weft: proxy \(proxy) has more than these \(count); raise --limit")
  }
}
