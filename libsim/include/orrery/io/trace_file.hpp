#pragma once
// The trace of a run: one JSON line per committed change, {"t":SECONDS,"type":"ADDED","object":{…}}, in commit order.
#include <cstdio>
#include <string>

#include "orrery/cluster/store.hpp"

namespace orrery {

class TraceFile {
 public:
  /// Opens `path` for writing ("-" is standard output). Check ok().
  explicit TraceFile(const std::string& path);
  ~TraceFile();
  TraceFile(const TraceFile&) = delete;

  bool ok() const { return file_ != nullptr && !failed_; }
  void write(Duration since_start, const Change& change, const Interner& names);
  /// Flushes; false when anything could not be written.
  bool close();

 private:
  void flush();
  std::FILE* file_ = nullptr;
  bool failed_ = false;
  std::string buffer_;
};

/// ADDED, MODIFIED or DELETED.
std::string_view to_string(ChangeType type);

}  // namespace orrery
