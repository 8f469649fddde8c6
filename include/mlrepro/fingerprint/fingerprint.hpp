// SPDX-License-Identifier: Apache-2.0
// What a table holds, in a few hundred bytes a column (canon 1): ordered Merkle digests of the
// columns (leaves of 65,536 rows), order-free sums of the values and of the rows, counts of nulls,
// NaN and -0.0, and the schema. Guarantees: a function of the values alone. The same bytes for
// every library, batching, string layout, bytes under nulls, thread count and CPU. The order of
// columns moves neither id, the order of rows only the table id. Hash: XXH3-128, which names
// differences but does not stop a forger. O(cells); memory: one open leaf.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <mlrepro/core/dataset.hpp>

namespace mlrepro {

inline constexpr RowIndex kLeafRows = 65'536;

struct Digest {  // 128 bits
  std::uint64_t low = 0, high = 0;
  bool operator==(const Digest&) const noexcept = default;
};
MLREPRO_API std::string to_string(const Digest& digest);  // 32 hexadecimal digits, as in JSON

struct FingerprintOptions {
  std::string hash_key{};  // enters every seed, so that few-valued columns are harder to guess;
                           // never recorded itself
  int threads = 0;         // 0: as the library decides; moves no bit
};

// A finished fingerprint. Thread safety: immutable, may be shared between threads.
class Fingerprint {
 public:
  // Reads what to_json wrote. FormatError: not one, newer than this library, or edited (the part is
  // named). Made with a hash_key it is checked, and can be merged, only where options name that
  // key.
  [[nodiscard]] MLREPRO_API static Fingerprint from_json(std::string_view text,
                                                         const FingerprintOptions& options = {});
  [[nodiscard]] MLREPRO_API std::string to_json()
      const;  // canonical JSON, "mlrepro.fingerprint" version 1
  [[nodiscard]] MLREPRO_API std::string schema_json()
      const;  // the canonical bytes that the schema digest hashes

  [[nodiscard]] MLREPRO_API RowIndex n_rows() const noexcept;
  [[nodiscard]] MLREPRO_API int n_columns() const noexcept;
  [[nodiscard]] MLREPRO_API Digest content_id() const noexcept;  // schema and rows, in any order
  [[nodiscard]] MLREPRO_API Digest
  table_id() const noexcept;  // and their order; zero unless is_ordered()
  // False: the order of the rows is unknown (states were merged that did not know their positions).
  [[nodiscard]] MLREPRO_API bool is_ordered() const noexcept;

  // The fingerprint of both tables' rows, `other` below. Ordered if n_rows() is a multiple of
  // kLeafRows (or one is empty); a FingerprintState with first_row has no such limit. SchemaError:
  // other columns or types.
  [[nodiscard]] MLREPRO_API Fingerprint merge(const Fingerprint& other) const;

  // With what SHA-256 says of the leaves (made outside, see leaf sinks); an object as JSON text.
  [[nodiscard]] MLREPRO_API Fingerprint with_secure_json(std::string_view text) const;

  [[nodiscard]] MLREPRO_API bool operator==(const Fingerprint& other) const;  // same JSON

  explicit Fingerprint(detail::Ref ref) noexcept : ref_(static_cast<detail::Ref&&>(ref)) {}
  const detail::Ref& ref() const noexcept { return ref_; }

 private:
  detail::Ref ref_;
};

// SchemaError never: every type that a Dataset holds has canonical elements.
[[nodiscard]] MLREPRO_API Fingerprint fingerprint(const Dataset& dataset,
                                                  const FingerprintOptions& options = {});

// The bytes of each finished leaf, as hashed: u64 rows, then the elements. Called on the thread
// that feeds the state.
struct LeafSink {
  void (*function)(void* context, std::string_view column, RowIndex leaf,
                   std::string_view bytes) = nullptr;
  void* context = nullptr;
};

// A fingerprint in the making: fed batch by batch, merged from parts of a table that were fed
// anywhere. merge() is associative and commutative bit for bit. Batches have the same columns, in
// one order, of the same types. An update or merge that was cancelled or failed half-way leaves a
// state that everything but destruction refuses (ArgumentError). Thread safety: none; one thread at
// a time. Move-only.
class FingerprintState {
 public:
  // first_row: the position in the whole table of the first row that this state is fed. Parts that
  // know theirs merge to the very fingerprint of the whole; parts that overlap lose the order,
  // never the content id.
  MLREPRO_API explicit FingerprintState(const FingerprintOptions& options = {},
                                        RowIndex first_row = 0);
  FingerprintState(FingerprintState&&) noexcept = default;
  FingerprintState& operator=(FingerprintState&&) noexcept = default;
  FingerprintState(const FingerprintState&) = delete;
  FingerprintState& operator=(const FingerprintState&) = delete;

  MLREPRO_API void update(const Dataset& batch,
                          const LeafSink& sink = {});     // SchemaError: another schema
  MLREPRO_API void merge(const FingerprintState& other);  // SchemaError, ArgumentError (hash_key)
  [[nodiscard]] MLREPRO_API Fingerprint
  finalize(const LeafSink& sink = {}) const;  // the state can be fed on
  [[nodiscard]] MLREPRO_API RowIndex n_rows() const noexcept;

  [[nodiscard]] MLREPRO_API std::string to_bytes()
      const;  // versioned, little-endian, length-checked
  // FormatError: damaged, cut short, newer. ArgumentError: another hash_key.
  [[nodiscard]] MLREPRO_API static FingerprintState from_bytes(
      std::string_view bytes, const FingerprintOptions& options = {});

 private:
  detail::Ref ref_;
};

}  // namespace mlrepro
