--- Insert-mode keys. A key belongs to whoever shows something: a menu that uses it,
--- else the ghost text, else whatever the key did before.

local M = {}

local LABEL = 'codeassist: '

M.ACTIONS = {
  accept = 'accept the ghost text',
  accept_word = 'accept one word of the ghost text',
  accept_line = 'accept one line of the ghost text',
  next = 'show the next completion, or ask for one',
  prev = 'show the previous completion, or ask for one',
  dismiss = 'dismiss the ghost text',
}

---@type table<string, string> Key by action.
M.mapped = {}

---@type table<string, table<string, any>> The mapping that a key had before, by action.
local before = {}

local TABS = vim.tbl_map(vim.keycode, { '<Tab>', '<S-Tab>' })

local MENU_KEYS = vim.tbl_map(vim.keycode, {
  '<CR>',
  '<C-y>',
  '<C-e>',
  '<C-n>',
  '<C-p>',
  '<Up>',
  '<Down>',
})

---@param plugin string
---@param is_visible string
---@return boolean
local function shows(plugin, is_visible)
  local loaded = package.loaded[plugin]
  local ask = type(loaded) == 'table' and loaded[is_visible]
  return ask and ask() == true or false
end

---@return boolean
local function is_menu_visible()
  return vim.fn.pumvisible() == 1
    or shows('cmp', 'visible')
    or shows('blink.cmp', 'is_menu_visible')
end

--- Whether an open menu has a use for a key. Tab does nothing in a menu by itself: it is
--- for one only where somebody has mapped it, Neovim's own jump in a snippet aside.
---@param action string
---@param key string
---@return boolean
local function is_menu_key(action, key)
  local raw, mapping = vim.keycode(key), before[action]
  if vim.list_contains(TABS, raw) then
    return mapping ~= nil and not vim.startswith(mapping.desc or '', 'vim.snippet')
  end
  return vim.list_contains(MENU_KEYS, raw)
end

--- The mapping of a key in insert mode: the global one, or that of a buffer alone.
---@param key string
---@param bufnr? integer
---@return table<string, any>?
function M.mapping_of(key, bufnr)
  local raw = vim.keycode(key)
  local all = bufnr and vim.api.nvim_buf_get_keymap(bufnr, 'i') or vim.api.nvim_get_keymap('i')
  return vim.iter(all):find(function(mapping)
    return mapping.lhsraw == raw or mapping.lhsrawalt == raw
  end)
end

---@param mapping? table<string, any>
---@return boolean
function M.is_ours(mapping)
  return mapping ~= nil and vim.startswith(mapping.desc or '', LABEL)
end

--- Whether a mapping is of a menu that gives a key to others while it is not open.
---@param mapping table<string, any>
---@return boolean
function M.is_handed_on(mapping)
  return vim.startswith(mapping.desc or '', 'blink.cmp')
end

--- A name under which a key still does what it did before it was mapped.
---@param action string
---@param key string
---@return string
local function keep(action, key)
  local own = ('<Plug>(codeassist-%s-else)'):format(action)
  local mapping = M.mapping_of(key)
  local is_lost = M.is_ours(mapping) and not M.mapping_of(own)
  if not mapping or is_lost then
    vim.keymap.set('i', own, key, { desc = 'what ' .. key .. ' does by itself' })
  elseif not M.is_ours(mapping) then
    before[action] = mapping
    local raw = vim.keycode(own)
    vim.fn.mapset('i', false, vim.tbl_extend('force', mapping, { lhs = own, lhsraw = raw }))
  end
  return own
end

--- Give a key back to what it did before.
---@param action string
local function release(action)
  local key = M.mapped[action]
  if M.is_ours(M.mapping_of(key)) then
    vim.keymap.del('i', key)
    if before[action] then
      vim.fn.mapset('i', false, before[action])
    end
  end
  M.mapped[action], before[action] = nil, nil
end

---@param action string
---@param key string
---@param act fun(refused: fun()): boolean
local function map(action, key, act)
  local own = keep(action, key)
  local may_be_menus = is_menu_key(action, key)
  local function own_work()
    vim.api.nvim_feedkeys(vim.keycode(own), 'mi', false) -- before the keys that follow
  end
  vim.keymap.set('i', key, function()
    if may_be_menus and is_menu_visible() then
      return own
    end
    return act(own_work) and '' or own
  end, { expr = true, remap = true, desc = LABEL .. M.ACTIONS[action] })
  M.mapped[action] = key
end

--- Map what the user names; the keys that are named no more are given back first, as
--- one of them may be wanted for another action.
---@param keymaps table<string, string|false> No key of them twice.
---@param actions table<string, fun(refused: fun()): boolean>
function M.set(keymaps, actions)
  for action, key in pairs(M.mapped) do
    if keymaps[action] ~= key then
      release(action)
    end
  end
  for action in vim.spairs(M.ACTIONS) do
    if keymaps[action] then
      map(action, keymaps[action], actions[action])
    end
  end
end

return M
