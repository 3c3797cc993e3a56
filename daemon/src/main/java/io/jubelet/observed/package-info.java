/**
 * What the runtime shows. In come lists, statuses and event hints of the CRI; out go immutable {@code ObservedPod}s, and
 * calls that say which pod to look at again. Lists are asked on the threads of the workers; hints and the safety net
 * have two loops of their own. It decides nothing and changes nothing on the runtime.
 */
package io.jubelet.observed;
