/** Why a statement is refused, in a few words that repeat nothing but its keywords and names; undefined to let it pass. */
export type Refusal = string | undefined;
