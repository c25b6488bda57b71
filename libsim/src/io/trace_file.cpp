#include "orrery/io/trace_file.hpp"

namespace orrery {

namespace {
constexpr std::size_t kFlushAt = std::size_t{1} << 20;
}

std::string_view to_string(ChangeType type) {
  switch (type) {
    case ChangeType::added: return "ADDED";
    case ChangeType::modified: return "MODIFIED";
    case ChangeType::deleted: break;
  }
  return "DELETED";
}

TraceFile::TraceFile(const std::string& path) : file_(path == "-" ? stdout : std::fopen(path.c_str(), "wb")) { buffer_.reserve(kFlushAt + (1 << 16)); }

TraceFile::~TraceFile() { close(); }

void TraceFile::write(Duration since_start, const Change& change, const Interner& names) {
  buffer_ += "{\"t\":";
  append_trace_seconds(buffer_, since_start);
  buffer_ += ",\"type\":\"";
  buffer_ += to_string(change.type);
  buffer_ += "\",\"object\":";
  append_json(buffer_, *change.object, names);
  buffer_ += "}\n";
  if (buffer_.size() >= kFlushAt) flush();
}

void TraceFile::flush() {
  if (file_ == nullptr) return;
  if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size()) failed_ = true;
  buffer_.clear();
}

bool TraceFile::close() {
  if (file_ == nullptr) return !failed_;
  flush();
  if (std::fflush(file_) != 0) failed_ = true;
  if (file_ != stdout && std::fclose(file_) != 0) failed_ = true;
  file_ = nullptr;
  return !failed_;
}

}  // namespace orrery
