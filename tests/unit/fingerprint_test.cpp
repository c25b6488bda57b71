#include "orrery/core/fingerprint.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace orrery;

TEST_CASE("fingerprints are pinned") {
  Fingerprint f;
  CHECK(f.hex() == "2d06800538d394c2");  // XXH3-64 of nothing
  f.add_u64(1);
  f.add_i64(-2);
  f.add_bytes("hello");
  CHECK(f.hex() == "443c1e503410a0fd");
  for (std::uint64_t i = 0; i < 5000; ++i) f.add_u64(i);
  f.add_bytes(std::string(10000, 'x'));
  CHECK(f.hex() == "3f9b2a78b2a160a6");
  CHECK(f.value() == 0x3f9b2a78b2a160a6);
}

TEST_CASE("reading the value in between changes nothing") {
  Fingerprint a;
  Fingerprint b;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const std::string text(i % 50, 'a');
    a.add_u64(i);
    b.add_u64(i);
    if (i % 7 == 0) (void)a.value();
    a.add_bytes(text);
    b.add_bytes(text);
  }
  CHECK(a.value() == b.value());
  const Fingerprint c = std::move(a);
  CHECK(c.value() == b.value());
}

TEST_CASE("strings do not run into each other") {
  Fingerprint a;
  Fingerprint b;
  a.add_bytes("ab");
  a.add_bytes("c");
  b.add_bytes("a");
  b.add_bytes("bc");
  CHECK(a.value() != b.value());
}

TEST_CASE("strings of every size around the buffer are whole") {
  for (std::size_t size : {0UL, 1UL, 4079UL, 4080UL, 4087UL, 4088UL, 4089UL, 4095UL, 4096UL, 4097UL, 9000UL}) {
    Fingerprint a;
    std::string text(size, 'x');
    a.add_bytes(text);
    a.add_u64(1);
    a.add_bytes(text);
    Fingerprint again;
    again.add_bytes(text);
    (void)again.value();  // another split of the same bytes
    again.add_u64(1);
    again.add_bytes(text);
    CHECK(a.value() == again.value());
    if (size > 0) {
      Fingerprint other;
      text.back() = 'y';
      other.add_bytes(text);
      other.add_u64(1);
      other.add_bytes(text);
      CHECK(a.value() != other.value());
    }
  }
}
