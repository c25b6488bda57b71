#pragma once
// Manifests in and out as JSON trees: JSON, JSON streams and multi-document YAML.
// Knows no Kubernetes; what a tree means is the business of api/schema.hpp.
//
//   Diagnostics problems;
//   for (const Document& d : read_documents(text, "job.yaml", problems)) use(d.value);
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "orrery/core/diagnostic.hpp"

namespace orrery {

inline constexpr std::size_t kMaxDocumentBytes = std::size_t{64} << 20;  ///< of one text given to read_documents
inline constexpr std::size_t kMaxNesting = 100;                          ///< mappings and sequences inside one another
inline constexpr std::size_t kMaxAliasExpansion = 1'000'000;             ///< nodes that aliases and merge keys may copy, per text
inline constexpr std::size_t kMaxReadProblems = 100;                     ///< reading stops after so many

/// Where a node begins in its text. Both count from 1; 0 = unknown.
struct TextPosition {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

namespace detail {
struct SourceText;
struct PositionIndex;
}  // namespace detail

/// One document of a text. Copyable; copies share the text. Positions are found by reading the document a second time
/// when the first one is asked for, so that a manifest without mistakes pays nothing. Not safe for concurrent use.
class Document {
 public:
  nlohmann::json value;

  /// Where the node at an RFC 6901 pointer begins: its key in a mapping, itself in a sequence. A node that is not there
  /// (or came in through an alias) has the position of its nearest ancestor that is.
  TextPosition position_of(std::string_view pointer) const;
  std::uint32_t line_of(std::string_view pointer) const { return position_of(pointer).line; }
  /// The name given to read_documents.
  const std::string& source() const;
  /// Writes source, line and column into the diagnostics from index `first` on that have no line yet.
  void locate(Diagnostics& problems, std::size_t first = 0) const;

 private:
  friend class DocumentReader;
  std::shared_ptr<const detail::SourceText> text_;
  std::size_t begin_ = 0;  // byte of text_ at which the document starts
  std::size_t end_ = std::string::npos;  // where the next one starts
  std::uint32_t begin_line_ = 0;  // counted from 0
  bool is_json_ = false;
  mutable std::shared_ptr<const detail::PositionIndex> positions_;
};

/// All documents of a text, in order; empty ones are left out. JSON (also several values one after the other) when the
/// text begins like a JSON object or array, else YAML. Every problem is appended to `problems` with its line; documents
/// with problems are left out.
///
/// YAML scalars are resolved as by the YAML 1.1 reader that kubectl uses (unquoted yes/no/on/off/y/n are booleans,
/// 0x1F, 0o17, 017 and 0b11 integers, 1_000 is 1000, dates stay strings), and keys become strings. `<<` merges; a key of
/// the mapping itself wins. An integral float within int64 becomes an integer, as its JSON text would be. Errors: invalid UTF-8
/// (with the byte offset), duplicate keys, NaN and infinity, unknown tags, aliases without anchor, the limits above.
/// Linear in the size of the text.
std::vector<Document> read_documents(std::string_view text, std::string source, Diagnostics& problems);

/// The YAML that `kubectl -o yaml` prints for the tree, ending in a newline: keys in its natural order (a2 before a10),
/// sequences not indented under their key, strings quoted only where needed, lines folded after 80 columns.
/// Invalid UTF-8 in strings is replaced by U+FFFD.
std::string write_yaml(const nlohmann::json& value);

/// True when `text` is well-formed UTF-8; otherwise `bad` is the offset of the first byte that is not.
bool is_utf8(std::string_view text, std::size_t& bad);

}  // namespace orrery
