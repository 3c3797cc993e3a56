/**
 * A blocking client of the Container Runtime Interface (CRI) v1.
 *
 * <p>This package holds the two services, the id types, the records they exchange and the errors they throw. It knows
 * the wire only by name: {@code io.jubelet.cri.grpc} speaks it, {@code io.jubelet.cri.simulated} pretends to.
 */
package io.jubelet.cri;
