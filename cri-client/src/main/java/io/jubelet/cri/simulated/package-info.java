/**
 * A runtime in memory behind the services of the CRI: for tests, scale runs and trying out. It answers as containerd
 * does, mistakes included, which the contract tests of the services hold it to.
 *
 * <p>Nothing in here has a thread of its own except {@code RealClock}; calls run on the threads of their callers.
 */
package io.jubelet.cri.simulated;
