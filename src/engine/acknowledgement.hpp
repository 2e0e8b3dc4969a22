#pragma once

#include "arrival.hpp"

namespace sportello::engine {

/// Tells a customer who writes while the office is closed when it opens, and by when they get an answer if the brand's
/// promises may be told: where the platform permits it through the outbox, else as a text that waits for an agent.
void acknowledge(const Arrival& arrival);

} // namespace sportello::engine
