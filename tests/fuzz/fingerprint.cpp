// SPDX-License-Identifier: Apache-2.0
// Saved fingerprints (JSON) and states (bytes; "s": without their checksum): the first byte says
// which.
#include <mlrepro/core/errors.hpp>
#include <mlrepro/fingerprint/fingerprint.hpp>
#include <mlrepro/fingerprint/verdict.hpp>

#include <string>

#include "fingerprint/state.hpp"
#include "fuzz.hpp"

using namespace mlrepro;
using namespace mlrepro_test;

namespace {

void read_json(std::string_view text) {
  const Fingerprint read = Fingerprint::from_json(text);
  const std::string saved = read.to_json();
  require(Fingerprint::from_json(saved).to_json() == saved, "a fingerprint changed when saved");
  require(read.merge(read).n_rows() == 2 * read.n_rows(), "rows were lost");
}

void read_state(std::string_view bytes) {
  FingerprintState state = FingerprintState::from_bytes(bytes);
  const std::string saved = state.to_bytes();
  require(FingerprintState::from_bytes(saved).to_bytes() == saved, "a state changed when saved");
  const FingerprintState again = FingerprintState::from_bytes(saved);
  require(!state.finalize().to_json().empty(), "a state without fingerprint");
  state.merge(again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  try {
    const std::string_view rest = as_text(data + 1, size - 1);
    if (data[0] == 's')
      read_state(detail::fingerprint::with_checksum(rest));
    else if (data[0] == 'r')
      read_state(rest);
    else
      read_json(rest);
  } catch (const Error&) {
  }
  return 0;
}
