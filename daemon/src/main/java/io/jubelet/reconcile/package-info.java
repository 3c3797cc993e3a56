/**
 * Deciding: what is wanted and what is observed in, a plan out.
 *
 * <p>{@code PodPlanner} is pure: no I/O, no clock, no logging. A {@code PodWorker} owns one pod name, takes a snapshot,
 * asks the planner, hands the actions to the {@code ActionExecutor} and publishes a {@code PodView}.
 */
package io.jubelet.reconcile;
