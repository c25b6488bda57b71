#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "api/reading.hpp"
#include "api/yaml_composer.hpp"
#include "orrery/api/yaml.hpp"

namespace orrery {
namespace detail {

void LineCursor::step() {
  const char c = text_[offset_];
  std::size_t width = 0;
  if (c == '\n') width = 1;
  else if (c == '\r') width = offset_ + 1 < text_.size() && text_[offset_ + 1] == '\n' ? 2 : 1;
  else if (c == '\xC2' && text_.substr(offset_ + 1, 1) == "\x85") width = 2;
  else if (c == '\xE2' && (text_.substr(offset_ + 1, 2) == "\x80\xA8" || text_.substr(offset_ + 1, 2) == "\x80\xA9")) width = 3;
  if (width == 0) {
    ++offset_;
    return;
  }
  offset_ += width;
  line_start_ = offset_;
  ++line_;
}

/// Moves on to the next byte that may begin a line break, or to `end`: most bytes do not.
void LineCursor::skip(std::size_t end) {
  const auto is_plain = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > '\r' && byte != 0xC2 && byte != 0xE2;
  };
  while (offset_ < end && is_plain(text_[offset_])) ++offset_;
}

std::size_t LineCursor::offset_of_line(std::uint32_t line) {
  while (line_ < line && offset_ < text_.size()) {
    step();
    if (line_ < line) skip(text_.size());
  }
  return line_ < line ? text_.size() : line_start_;
}

std::uint32_t LineCursor::line_of_offset(std::size_t offset) {
  const std::size_t end = std::min(offset, text_.size());
  while (offset_ < end) {
    step();
    skip(end);
  }
  return line_;
}

void ProblemSink::add(std::uint32_t line, std::uint32_t column, std::string message, std::string hint) {
  ++count_;
  if (count_ > kMaxReadProblems) return;
  Diagnostic d;
  d.source = source_;
  d.line = line;
  d.column = column;
  d.message = std::move(message);
  d.hint = std::move(hint);
  out_.push_back(std::move(d));
}

std::string excerpt(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  return std::string(text.substr(0, limit)) + "…";
}

void append_token(std::string& pointer, std::string_view key) {
  pointer += '/';
  if (std::none_of(key.begin(), key.end(), [](char c) { return c == '~' || c == '/'; })) {
    pointer += key;
    return;
  }
  for (const char c : key) {
    if (c == '~') pointer += "~0";
    else if (c == '/') pointer += "~1";
    else pointer += c;
  }
}

namespace {

constexpr std::string_view kJsonSpace = " \t\r\n";

// Whether the text at `offset` is JSON rather than a YAML flow collection, which also begins with a bracket.
bool looks_like_json(std::string_view text, std::size_t offset) {
  const std::size_t first = text.find_first_not_of(kJsonSpace, offset);
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) return false;
  const std::size_t second = text.find_first_not_of(kJsonSpace, first + 1);
  if (second == std::string_view::npos) return true;
  const std::string_view follows = text[first] == '{' ? "\"}" : "\"]{[0123456789-tfn";
  return follows.find(text[second]) != std::string_view::npos;
}

}  // namespace
}  // namespace detail

bool is_utf8(std::string_view text, std::size_t& bad) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t size = text.size();
  std::size_t i = 0;
  while (i < size) {
    if (i + 8 <= size) {
      std::uint64_t block = 0;
      std::memcpy(&block, text.data() + i, 8);
      if ((block & 0x8080808080808080ULL) == 0) {
        i += 8;
        continue;
      }
    }
    const unsigned char c = byte(i);
    if (c < 0x80) {
      ++i;
      continue;
    }
    // The second byte's range excludes overlong forms, surrogates and what lies beyond U+10FFFF.
    std::size_t length = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (c >= 0xC2 && c <= 0xDF) length = 2;
    else if (c >= 0xE0 && c <= 0xEF) length = 3;
    else if (c >= 0xF0 && c <= 0xF4) length = 4;
    if (c == 0xE0) low = 0xA0;
    if (c == 0xED) high = 0x9F;
    if (c == 0xF0) low = 0x90;
    if (c == 0xF4) high = 0x8F;
    bool good = length != 0 && i + length <= size && byte(i + 1) >= low && byte(i + 1) <= high;
    for (std::size_t k = 2; good && k < length; ++k) good = (byte(i + k) & 0xC0U) == 0x80U;
    if (!good) {
      bad = i;
      return false;
    }
    i += length;
  }
  return true;
}

class DocumentReader {
 public:
  DocumentReader(std::shared_ptr<const detail::SourceText> source, Diagnostics& problems)
      : source_(std::move(source)), text_(source_->text), problems_(problems, source_->name) {}

  std::vector<Document> run() {
    std::size_t bad = 0;
    if (!is_utf8(text_, bad)) {
      detail::LineCursor lines(text_);
      const std::uint32_t line = lines.line_of_offset(bad);
      problems_.add(line + 1, 0, fmt::format("not UTF-8: byte {:#04x} at offset {}", static_cast<unsigned char>(text_[bad]), bad));
      return {};
    }
    std::size_t offset = text_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    if (detail::looks_like_json(text_, offset)) {
      read_json_stream(offset);
    } else {
      read_yaml_stream(offset, 0);
    }
    return std::move(documents_);
  }

 private:
  void keep(nlohmann::json&& value, std::size_t begin, std::uint32_t line, bool is_json) {
    Document d;
    d.value = std::move(value);
    d.text_ = source_;
    d.begin_ = begin;
    d.begin_line_ = line;
    d.is_json_ = is_json;
    documents_.push_back(std::move(d));
  }

  // JSON values one after the other, perhaps with YAML's document separator between them.
  void read_json_stream(std::size_t offset) {
    detail::LineCursor lines(text_);
    for (;;) {
      offset = text_.find_first_not_of(detail::kJsonSpace, offset);
      if (offset == std::string_view::npos) return;
      const std::uint32_t line = lines.line_of_offset(offset);
      if (text_.substr(offset, 3) == "---" && offset == lines.line_start()) {
        if (!detail::looks_like_json(text_, offset + 3)) return read_yaml_stream(offset, line);
        offset += 3;
        continue;
      }
      if (text_[offset] != '{' && text_[offset] != '[') {
        problems_.add(line + 1, static_cast<std::uint32_t>(offset - lines.line_start()) + 1, "invalid JSON: text after the end of the document");
        return;
      }
      const std::size_t begin = offset;
      nlohmann::json value;
      const detail::JsonOutcome outcome = detail::read_json(text_, offset, lines, value, nullptr, problems_);
      if (outcome == detail::JsonOutcome::kNotJson && documents_.empty() && text_[begin] == '[') retry_as_yaml();
      if (outcome != detail::JsonOutcome::kRead) return;
      keep(std::move(value), begin, line, true);
    }
  }

  // A YAML flow sequence begins like a JSON array. What is neither keeps the message of the JSON parser. An object gets no
  // second chance: YAML would take {"a": } for a null.
  void retry_as_yaml() {
    Diagnostics problems;
    DocumentReader yaml(source_, problems);
    yaml.read_yaml_stream(0, 0);
    if (!problems.empty()) return;
    documents_ = std::move(yaml.documents_);
    problems_.forget_last();
  }

  void read_yaml_stream(std::size_t offset, std::uint32_t line) {
    while (offset < text_.size() && !problems_.full()) {
      const std::string_view rest = text_.substr(offset);
      detail::YamlComposer composer(rest, line, nullptr, problems_);
      detail::LineCursor lines(rest);
      for (;;) {
        nlohmann::json value;
        const auto outcome = composer.next(value);
        if (outcome == detail::YamlComposer::Outcome::kEnd) return;
        const std::size_t begin = lines.offset_of_line(composer.line());
        if (!documents_.empty()) documents_.back().end_ = std::min(documents_.back().end_, offset + begin);
        if (outcome == detail::YamlComposer::Outcome::kDocument && !value.is_null())
          keep(std::move(value), offset + begin, line + composer.line(), false);
        if (outcome != detail::YamlComposer::Outcome::kSyntaxError) continue;
        // One broken document should not hide the mistakes of the others: go on at the next separator.
        // The search starts at the break before the bad line, which may be a separator itself; a first line never is found, so this ends.
        const std::size_t next = rest.find("\n---", begin == 0 ? 0 : begin - 1);
        if (next == std::string_view::npos) return;
        line += lines.line_of_offset(next + 1);
        offset += next + 1;
        break;
      }
    }
  }

  std::shared_ptr<const detail::SourceText> source_;
  std::string_view text_;
  detail::ProblemSink problems_;
  std::vector<Document> documents_;
};

std::vector<Document> read_documents(std::string_view text, std::string source, Diagnostics& problems) {
  if (text.size() > kMaxDocumentBytes) {
    detail::ProblemSink(problems, std::move(source)).add(0, 0, fmt::format("larger than {} MiB", kMaxDocumentBytes >> 20));
    return {};
  }
  auto shared = std::make_shared<detail::SourceText>();
  shared->name = std::move(source);
  shared->text = text;
  return DocumentReader(std::move(shared), problems).run();
}

const std::string& Document::source() const {
  static const std::string kNone;
  return text_ == nullptr ? kNone : text_->name;
}

TextPosition Document::position_of(std::string_view pointer) const {
  if (text_ == nullptr) return {};
  if (positions_ == nullptr) {
    auto index = std::make_shared<detail::PositionIndex>();
    Diagnostics ignored;  // the document was read without problems before
    detail::ProblemSink sink(ignored, {});
    nlohmann::json scratch;
    if (is_json_) {
      std::size_t offset = begin_;
      detail::LineCursor lines(text_->text, begin_, begin_line_);
      detail::read_json(text_->text, offset, lines, scratch, index.get(), sink);
    } else {
      detail::YamlComposer(std::string_view(text_->text).substr(begin_, end_ - begin_), begin_line_, index.get(), sink).next(scratch);
    }
    positions_ = std::move(index);
  }
  for (;;) {
    if (const auto found = positions_->by_pointer.find(pointer); found != positions_->by_pointer.end()) return found->second;
    const std::size_t slash = pointer.rfind('/');
    if (slash == std::string_view::npos) return {};
    pointer = pointer.substr(0, slash);
  }
}

void Document::locate(Diagnostics& problems, std::size_t first) const {
  for (std::size_t i = first; i < problems.size(); ++i) {
    Diagnostic& d = problems[i];
    if (d.line != 0) continue;
    if (d.source.empty()) d.source = source();
    const TextPosition at = position_of(d.pointer);
    d.line = at.line;
    d.column = at.column;
  }
}

}  // namespace orrery
