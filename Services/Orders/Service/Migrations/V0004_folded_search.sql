-- Folds what `q` looks in of the orders that are there. In a transaction without a lock of the table: orders are placed
-- meanwhile, and only changes of the very rows that are written wait.

-- In ASCII lower case and folding are the same: only what is not ASCII is looked at, and only what differs is written.
update orders set search = order_search(number, description, specifications)
where octet_length(search) <> length(search) and search <> order_search(number, description, specifications);
