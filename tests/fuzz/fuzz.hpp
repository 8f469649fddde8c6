// SPDX-License-Identifier: Apache-2.0
// What fuzz targets share. A target defines LLVMFuzzerTestOneInput; with clang libFuzzer calls it,
// else replay.cpp does, on the files of the corpus.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace mlrepro_test {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: %s\n", what);
  std::abort();
}

class Fuzz {  // bytes in the order in which a target asks; zeros behind the end
 public:
  Fuzz(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  std::uint8_t byte() noexcept {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  std::vector<std::uint8_t> bytes(std::size_t n) {
    std::vector<std::uint8_t> out(n);
    for (std::uint8_t& b : out) b = byte();
    return out;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace mlrepro_test
