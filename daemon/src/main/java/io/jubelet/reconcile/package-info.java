/**
 * The workers: each owns one pod name, takes a snapshot, asks the planner, hands the actions to the {@code ActionExecutor}
 * and publishes a {@code PodView}.
 */
package io.jubelet.reconcile;
