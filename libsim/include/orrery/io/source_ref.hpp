#pragma once
// Where a piece of a scenario was written, for messages that come long after reading.
#include <cstdint>
#include <string>

namespace orrery {

struct SourceRef {
  std::string source;          ///< file name, or a word such as "--set"
  std::uint32_t document = 0;  ///< of a source with several, from 0
  std::string pointer;         ///< RFC 6901, into its document
  std::uint32_t line = 0;      ///< counts from 1; 0 = unknown
};

}  // namespace orrery
