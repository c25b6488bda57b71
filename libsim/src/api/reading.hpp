#pragma once
// What the JSON and the YAML reader share: the text, the count of its lines, and where problems go.
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "orrery/api/yaml.hpp"

namespace orrery::detail {

struct SourceText {
  std::string name;
  std::string text;
};

/// The beginning of every node of one document, by JSON pointer.
struct PositionIndex {
  std::map<std::string, TextPosition, std::less<>> by_pointer;
};

/// Translates between offsets and lines (both from 0) of a text. Only moves forward, so that a whole pass is linear.
/// Counts the line breaks that libyaml counts: LF, CR, CR LF, NEL, LS and PS.
class LineCursor {
 public:
  explicit LineCursor(std::string_view text, std::size_t offset = 0, std::uint32_t line = 0)
      : text_(text), offset_(offset), line_start_(offset), line_(line) {}
  /// The offset at which line `line` starts, or the end of the text.
  std::size_t offset_of_line(std::uint32_t line);
  /// The line of the byte at `offset`; an offset before the last one asked for gives the line of that one.
  std::uint32_t line_of_offset(std::size_t offset);
  std::size_t line_start() const { return line_start_; }

 private:
  void step();
  void skip(std::size_t end);
  std::string_view text_;
  std::size_t offset_;
  std::size_t line_start_;
  std::uint32_t line_;
};

/// Collects the problems of one text, at most kMaxReadProblems of them.
class ProblemSink {
 public:
  ProblemSink(Diagnostics& out, std::string source) : out_(out), source_(std::move(source)) {}
  /// Line and column count from 1, 0 = unknown.
  void add(std::uint32_t line, std::uint32_t column, std::string message, std::string hint = {});
  /// Takes back the last problem added.
  void forget_last() {
    if (count_ <= kMaxReadProblems) out_.pop_back();
    --count_;
  }
  std::size_t count() const { return count_; }
  bool full() const { return count_ >= kMaxReadProblems; }

 private:
  Diagnostics& out_;
  std::string source_;
  std::size_t count_ = 0;
};

/// At most `limit` bytes of the text, cut between characters, with an ellipsis if something is missing.
std::string excerpt(std::string_view text, std::size_t limit);

/// `~` and `/` of a key as RFC 6901 wants them, appended to `pointer` after a `/`.
void append_token(std::string& pointer, std::string_view key);

enum class JsonOutcome {
  kRead,
  kNotJson,  ///< broken syntax, which may be fine as YAML
  kBad,      ///< a duplicate key, too much nesting, a number out of range
};

/// Reads the JSON value that starts at `offset` and moves `offset` behind it. Problems go to `problems`.
/// `lines` must not be ahead of `offset`. `positions` may be null.
JsonOutcome read_json(std::string_view text, std::size_t& offset, LineCursor& lines, nlohmann::json& out, PositionIndex* positions,
               ProblemSink& problems);

}  // namespace orrery::detail
