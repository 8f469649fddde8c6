// SPDX-License-Identifier: Apache-2.0
// Everything of mlrepro but the interop headers, which are asked for by name. For users; our own
// files include what they need. A test checks that it is complete.
#pragma once
#include <mlrepro/binning/binned_dataset.hpp>
#include <mlrepro/binning/binned_stream.hpp>
#include <mlrepro/core/arrow_abi.hpp>
#include <mlrepro/core/build_info.hpp>
#include <mlrepro/core/cancel.hpp>
#include <mlrepro/core/column_view.hpp>
#include <mlrepro/core/dataset.hpp>
#include <mlrepro/core/errors.hpp>
#include <mlrepro/core/export.hpp>
#include <mlrepro/core/names.hpp>
#include <mlrepro/core/order_key.hpp>
#include <mlrepro/core/progress.hpp>
#include <mlrepro/core/random.hpp>
#include <mlrepro/core/ref.hpp>
#include <mlrepro/core/threads.hpp>
#include <mlrepro/core/value.hpp>
#include <mlrepro/fingerprint/fingerprint.hpp>
#include <mlrepro/fingerprint/verdict.hpp>
#include <mlrepro/fwd.hpp>
#include <mlrepro/join/join.hpp>
#include <mlrepro/probe/compare.hpp>
#include <mlrepro/probe/probe.hpp>
#include <mlrepro/probe/slices.hpp>
#include <mlrepro/probe/tree.hpp>
#include <mlrepro/split/split.hpp>
#include <mlrepro/stats/evaluate.hpp>
#include <mlrepro/stats/row_loss.hpp>
#include <mlrepro/version.hpp>
