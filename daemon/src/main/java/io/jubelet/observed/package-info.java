/**
 * What the runtime shows: CRI lists and events in, immutable snapshots out.
 *
 * <p>Lists are the truth, events are hints to list again. Nothing here decides or acts.
 */
package io.jubelet.observed;
